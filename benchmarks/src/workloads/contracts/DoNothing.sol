// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// What everything around a contract costs.
contract DoNothing {
    function nothing() external {}
}
