// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

interface ParallelConfig {
    function registerParallelFunctionInternal(address, string calldata, uint256) external returns (int256);
}

/// Sorts numbers in memory and touches no state: calls with different seeds are independent.
contract CpuHeavy {
    error NotSorted();

    function sort(uint256 seed, uint256 size) external pure {
        uint256[] memory values = new uint256[](size);
        unchecked {
            for (uint256 i = 0; i < size; i++) {
                seed = seed * 6364136223846793005 + 1442695040888963407;
                values[i] = (seed >> 33) % 1000003;
            }
        }
        if (size > 1) quicksort(values, 0, int256(size) - 1);
        for (uint256 i = 1; i < size; i++) if (values[i - 1] > values[i]) revert NotSorted();
    }

    function quicksort(uint256[] memory values, int256 left, int256 right) private pure {
        int256 i = left;
        int256 j = right;
        uint256 pivot = values[uint256(left + (right - left) / 2)];
        while (i <= j) {
            while (values[uint256(i)] < pivot) i++;
            while (pivot < values[uint256(j)]) j--;
            if (i <= j) {
                (values[uint256(i)], values[uint256(j)]) = (values[uint256(j)], values[uint256(i)]);
                i++;
                j--;
            }
        }
        if (left < j) quicksort(values, left, j);
        if (i < right) quicksort(values, i, right);
    }

    function enableParallel() external {
        ParallelConfig(address(0x1006)).registerParallelFunctionInternal(address(this), "sort(uint256,uint256)", 1);
    }
}
