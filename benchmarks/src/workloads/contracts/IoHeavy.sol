// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

interface ParallelConfig {
    function registerParallelFunctionInternal(address, string calldata, uint256) external returns (int256);
}

/// Writes or reads a range of slots. Callers use ranges that are equal or disjoint, so `start` names what is touched.
contract IoHeavy {
    mapping(uint256 => uint256) private slots;
    uint256 private constant SALT = 0x9e3779b97f4a7c15f39cc0605cedc8341082276bf3a27251f86c6a11d0c18e95;

    event Sum(uint256 value);

    function write(uint256 start, uint256 count, uint256 value) external {
        unchecked {
            for (uint256 i = start; i < start + count; i++) slots[i] = value * SALT + i;
        }
    }

    function read(uint256 start, uint256 count) external {
        uint256 sum;
        unchecked {
            for (uint256 i = start; i < start + count; i++) sum += slots[i];
        }
        emit Sum(sum);
    }

    function enableParallel() external {
        ParallelConfig config = ParallelConfig(address(0x1006));
        config.registerParallelFunctionInternal(address(this), "write(uint256,uint256,uint256)", 1);
        config.registerParallelFunctionInternal(address(this), "read(uint256,uint256)", 1);
    }
}
