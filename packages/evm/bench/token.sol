// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

contract Token {
    mapping(address => uint256) private balances;
    uint256 public totalSupply;
    event Transfer(address indexed from, address indexed to, uint256 value);
    error InsufficientBalance(address sender, uint256 balance, uint256 needed);

    constructor() {
        totalSupply = 10 ** 30;
        balances[msg.sender] = totalSupply;
    }

    function balanceOf(address account) external view returns (uint256) {
        return balances[account];
    }

    function transfer(address to, uint256 value) external returns (bool) {
        uint256 balance = balances[msg.sender];
        if (balance < value) revert InsufficientBalance(msg.sender, balance, value);
        require(to != address(0), "zero address");
        unchecked {
            balances[msg.sender] = balance - value;
            balances[to] += value;
        }
        emit Transfer(msg.sender, to, value);
        return true;
    }

    function work(uint256 rounds) external pure returns (uint256 x) {
        x = 0x123456789abcdef;
        for (uint256 i = 0; i < rounds; i++) {
            unchecked { x = (x * 6364136223846793005 + 1442695040888963407) ^ (x >> 3); }
        }
    }

    function hashes(uint256 rounds) external pure returns (bytes32 x) {
        for (uint256 i = 0; i < rounds; i++) x = keccak256(abi.encode(x, i));
    }

    function deep(uint256 levels) external returns (uint256) {
        if (levels == 0) return 0;
        return this.deep(levels - 1) + 1;
    }
}
