pragma solidity ^0.4.25;

// Transactions over two chains: docs/cross-transactions.md. 0x2004 calls these four; nobody else may.
contract CrossParticipant {
    // Holds what `initiator` gives, or reverts. What it returns is all that the other side gets to know.
    function prepareOut(bytes32 id, bytes32 chain, address remote, address initiator, bytes data) public returns (bytes);
    // Notes what shall arrive, so that confirm cannot fail. To refuse, it returns false and writes nothing.
    function prepareIn(bytes32 id, bytes32 chain, address peer, bytes forRemote) public returns (bool);
    function confirm(bytes32 id) public;
    function cancel(bytes32 id) public;
}

// At 0x2004.
contract CrossTransactions {
    function begin(bytes32 chain, address participant, address remoteParticipant, bytes data, uint256 timeoutBlocks)
        public returns (bytes32 id);
    function cancel(bytes32 id) public returns (int256);
    function finish(bytes32 id) public returns (int256);
    function transaction(bytes32 id) public view
        returns (uint256 state, bytes32 chain, address participant, address remote, address initiator, uint256 deadline);
}
