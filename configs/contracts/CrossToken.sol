pragma solidity ^0.4.25;

import "./CrossParticipant.sol";

// A token that lives on several chains. To move some: CrossTransactions.begin(chain, token here, token there,
// abi.encode(to, amount), timeoutBlocks), by who owns it, or moveTo by who does not want to know of that.
contract CrossToken is CrossParticipant {
    struct Hold { address account; uint256 amount; bool leaves; }

    address constant CROSS = address(0x2004);

    address public owner;
    uint256 public totalSupply;
    // Prepared to arrive: room for it is kept in totalSupply, so that confirm cannot overflow.
    uint256 public expected;
    mapping (address => uint256) public balanceOf;
    // The token of another chain that is the same as this one.
    mapping (bytes32 => address) public peers;
    mapping (bytes32 => Hold) holds;

    event Transfer(address indexed from, address indexed to, uint256 amount);
    event Held(bytes32 indexed id, address indexed account, uint256 amount);
    event Left(bytes32 indexed id, address indexed account, uint256 amount);
    event Arrived(bytes32 indexed id, address indexed account, uint256 amount);
    event Returned(bytes32 indexed id, address indexed account, uint256 amount);

    modifier onlyCross() { require(msg.sender == CROSS, "only 0x2004"); _; }

    constructor(uint256 supply) public {
        owner = msg.sender;
        totalSupply = supply;
        balanceOf[owner] = supply;
    }

    // The owner says which token of another chain is believed; the zero address: none.
    function allow(bytes32 chain, address peer) public {
        require(msg.sender == owner, "only the owner");
        peers[chain] = peer;
    }

    function transfer(address to, uint256 amount) public {
        take(msg.sender, amount);
        balanceOf[to] += amount;
        emit Transfer(msg.sender, to, amount);
    }

    function moveTo(bytes32 chain, address to, uint256 amount, uint256 timeoutBlocks) public returns (bytes32) {
        // Begun by this contract, so the sender is told along.
        bytes memory data = abi.encode(to, amount, msg.sender);
        return CrossTransactions(CROSS).begin(chain, address(this), peers[chain], data, timeoutBlocks);
    }

    function prepareOut(bytes32 id, bytes32 chain, address remote, address initiator, bytes data)
        public onlyCross returns (bytes)
    {
        require(remote != address(0) && peers[chain] == remote, "not the peer of this token");
        address from = initiator;
        if (initiator == address(this)) {
            require(data.length == 96, "not a move");
            from = address(wordOf(data, 2));
        } else {
            require(data.length == 64, "not an address and an amount");
        }
        uint256 amount = wordOf(data, 1);
        take(from, amount);
        holds[id] = Hold(from, amount, true);
        emit Held(id, from, amount);
        return abi.encode(address(wordOf(data, 0)), amount);
    }

    function prepareIn(bytes32 id, bytes32 chain, address peer, bytes forRemote) public onlyCross returns (bool) {
        if (peer == address(0) || peers[chain] != peer || forRemote.length != 64) return false;
        address to = address(wordOf(forRemote, 0));
        uint256 amount = wordOf(forRemote, 1);
        uint256 room = ~uint256(0) - totalSupply - expected;
        if (to == address(0) || amount > room) return false;
        expected += amount;
        holds[id] = Hold(to, amount, false);
        return true;
    }

    function confirm(bytes32 id) public onlyCross {
        Hold memory hold = release(id);
        if (hold.leaves) {
            totalSupply -= hold.amount;
            emit Left(id, hold.account, hold.amount);
        } else {
            expected -= hold.amount;
            totalSupply += hold.amount;
            balanceOf[hold.account] += hold.amount;
            emit Arrived(id, hold.account, hold.amount);
        }
    }

    function cancel(bytes32 id) public onlyCross {
        Hold memory hold = release(id);
        if (hold.leaves) {
            balanceOf[hold.account] += hold.amount;
            emit Returned(id, hold.account, hold.amount);
        } else {
            expected -= hold.amount;
        }
    }

    function release(bytes32 id) private returns (Hold memory hold) {
        hold = holds[id];
        require(hold.account != address(0), "nothing is held");
        delete holds[id];
    }

    function take(address from, uint256 amount) private {
        require(balanceOf[from] >= amount, "the balance is too small");
        balanceOf[from] -= amount;
    }

    function wordOf(bytes memory data, uint256 index) private pure returns (uint256 word) {
        assembly { word := mload(add(add(data, 32), mul(index, 32))) }
    }
}
