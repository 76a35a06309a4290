// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

interface ParallelConfig {
    function registerParallelFunctionInternal(address, string calldata, uint256) external returns (int256);
}

/// The six operations of the SmallBank benchmark: each customer has a savings and a checking account.
contract SmallBank {
    mapping(string => uint256) private savings;
    mapping(string => uint256) private checking;

    function open(string calldata customer, uint256 saved, uint256 checkable) external {
        savings[customer] = saved;
        checking[customer] = checkable;
    }

    function balance(string calldata customer) external view returns (uint256) {
        unchecked {
            return savings[customer] + checking[customer];
        }
    }

    function depositChecking(string calldata customer, uint256 amount) external {
        unchecked {
            checking[customer] += amount;
        }
    }

    function transactSavings(string calldata customer, uint256 amount) external {
        unchecked {
            savings[customer] += amount;
        }
    }

    function sendPayment(string calldata from, string calldata to, uint256 amount) external {
        // Wraps below zero, so that every payment does the same work.
        unchecked {
            checking[from] -= amount;
            checking[to] += amount;
        }
    }

    function writeCheck(string calldata customer, uint256 amount) external {
        unchecked {
            uint256 held = checking[customer];
            // A check that is not covered costs a penalty of 1.
            checking[customer] = held - (savings[customer] + held < amount ? amount + 1 : amount);
        }
    }

    function amalgamate(string calldata from, string calldata to) external {
        unchecked {
            uint256 total = savings[from] + checking[from];
            savings[from] = 0;
            checking[from] = 0;
            checking[to] += total;
        }
    }

    function enableParallel() external {
        ParallelConfig config = ParallelConfig(address(0x1006));
        config.registerParallelFunctionInternal(address(this), "open(string,uint256,uint256)", 1);
        config.registerParallelFunctionInternal(address(this), "balance(string)", 1);
        config.registerParallelFunctionInternal(address(this), "depositChecking(string,uint256)", 1);
        config.registerParallelFunctionInternal(address(this), "transactSavings(string,uint256)", 1);
        config.registerParallelFunctionInternal(address(this), "sendPayment(string,string,uint256)", 2);
        config.registerParallelFunctionInternal(address(this), "writeCheck(string,uint256)", 1);
        config.registerParallelFunctionInternal(address(this), "amalgamate(string,string)", 2);
    }
}
