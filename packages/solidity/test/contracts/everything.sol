// SPDX-License-Identifier: Apache-2.0
// Every place where a hash gets into code, for all compilers from 0.4.26. "calldata_" and "abstract_" are replaced.

interface Counter {
    function bump(uint256 by) external returns (uint256);
    function counted() external returns (uint256);
    function refuse(uint256 code) external returns (uint256);
}

interface DagTransfer {
    function userSave(string calldata_ user, uint256 amount) external returns (uint256);
    function userBalance(string calldata_ user) external view returns (uint256, uint256);
}

interface TableFactory {
    function createTable(string calldata_ name, string calldata_ key, string calldata_ fields) external returns (int256);
}

library Words {
    function double_(uint256 a) public pure returns (uint256) { return 2 * a; }
    function joined(string memory a, string memory b) public pure returns (bytes32) {
        return keccak256(abi.encodePacked(a, b));
    }
}

contract Child {
    uint256 public counted;
    address public owner;
    event Bumped(address indexed by, uint256 amount);
    constructor(uint256 start) public { counted = start; owner = msg.sender; }
    function bump(uint256 by) public returns (uint256) { counted += by; emit Bumped(msg.sender, by); return counted; }
    function refuse(uint256 code) public returns (uint256) {
        require(code != 1, "one is refused");
        if (code == 2) revert("two is reverted");
        assert(code != 3);
        return code;
    }
    function sig() public pure returns (bool) { return msg.sig == bytes4(keccak256("sig()")); }
}

contract Everything {
    struct Pair { uint256 left; string right; }

    uint256[] public list;
    mapping(uint256 => uint256) public numbered;
    mapping(string => Pair) private pairs;
    mapping(address => mapping(bytes32 => bool)) public roles;
    string public long = "a text that is longer than one word of storage, so that it has a place of its own";
    Child public child;

    bytes32 public constant MINTER = keccak256("MINTER_ROLE");
    bytes4 public constant RECEIVED = bytes4(keccak256("onReceived(address,uint256)"));
    uint256 constant REDUCED = uint256(keccak256("reduce me")) % 97;

    event Named(string indexed name, uint256 indexed number, bytes32 role);
    event Plain();
    event Long(uint256[] values, string text, bytes32 indexed a, bytes32 indexed b, address indexed c);

    constructor() public { child = new Child(40); }

    // Folded literals against hashes of what only the caller knows.
    function literals(string memory a, string memory b) public pure returns (bool, bool, bool, bool, bool) {
        bytes32 joined = keccak256(abi.encodePacked(a, b));
        return (
            joined == keccak256("MINTER_ROLE"),
            joined == MINTER,
            bytes32(uint256(joined) - 1) == bytes32(uint256(keccak256("MINTER_ROLE")) - 1),
            (joined < keccak256("other")) == (keccak256("MINTER_ROLE") < keccak256("other")),
            bytes4(joined) == bytes4(keccak256("MINTER_ROLE"))
        );
    }

    function reduced(string memory text) public pure returns (bool) {
        return REDUCED == uint256(keccak256(bytes(text))) % 97;
    }

    function selectors(string memory text) public pure returns (bool, bool, bool) {
        bytes4 computed = bytes4(keccak256(bytes(text)));
        return (computed == Everything(address(0)).selectors.selector, computed == msg.sig, RECEIVED != computed);
    }

    function interfaceIdentifier(string memory a, string memory b, string memory c) public pure returns (bool) {
        Counter counter = Counter(address(0));
        bytes4 written = counter.bump.selector ^ counter.counted.selector ^ counter.refuse.selector;
        return written == bytes4(keccak256(bytes(a))) ^ bytes4(keccak256(bytes(b))) ^ bytes4(keccak256(bytes(c)));
    }

    function encoded(string memory text, uint256 n) public pure returns (bool, bool, bool) {
        bytes32 withSignature = keccak256(abi.encodeWithSignature("bump(uint256)", n));
        return (
            withSignature == keccak256(abi.encodeWithSignature(text, n)),
            withSignature == keccak256(abi.encodeWithSelector(bytes4(keccak256("bump(uint256)")), n)),
            withSignature == keccak256(abi.encodeWithSelector(Counter(address(0)).bump.selector, n))
        );
    }

    // Places in storage: the compiler's against computed ones.
    function places(uint256 key, uint256 slot0) public returns (bool, bool, bool) {
        list.push(7); list.push(8); list.push(9);
        numbered[key] = 1234;
        numbered[3] = 33;
        bytes32 first = keccak256(abi.encode(slot0));
        bytes32 entry = keccak256(abi.encode(key, slot0 + 1));
        bytes32 known = keccak256(abi.encode(uint256(3), slot0 + 1));
        uint256 a; uint256 b; uint256 c;
        assembly { a := sload(add(first, 2)) b := sload(entry) c := sload(known) }
        return (a == 9 && list[2] == 9, b == 1234, c == 33);
    }

    function longText(uint256 slot) public view returns (bool) {
        bytes32 first = keccak256(abi.encode(slot));
        bytes32 word;
        assembly { word := sload(first) }
        return word == "a text that is longer than one w" && bytes(long).length == 81;
    }

    function set(string memory name, uint256 left) public {
        pairs[name] = Pair(left, name);
        roles[msg.sender][MINTER] = true;
        emit Named(name, left, MINTER);
        emit Plain();
        uint256[] memory values = new uint256[](2);
        values[1] = left;
        emit Long(values, name, MINTER, bytes32(left), msg.sender);
    }

    function named(string memory name) public view returns (uint256, string memory) {
        return (pairs[name].left, pairs[name].right);
    }

    function hasRole(bytes32 role) public view returns (bool) { return roles[msg.sender][role]; }

    // Calls: by interface, by signature, of children, of libraries, of system contracts.
    function calls(uint256 n) public returns (uint256, uint256, bool, bool) {
        uint256 a = child.bump(n);
        uint256 b = Counter(address(child)).bump(n);
        bytes memory data = abi.encodeWithSignature("bump(uint256)", n);
        address target = address(child);
        bool done;
        uint256 c;
        assembly {
            done := call(gas_, target, 0, add(data, 32), mload(data), 0, 32)
            c := mload(0)
        }
        return (a, b, done && c == b + n, child.sig() && child.owner() == address(this));
    }

    function created(uint256 start) public returns (uint256, uint256) {
        Child other = new Child(start);
        return (other.bump(1), Counter(address(other)).counted());
    }

    function libraries(uint256 n) public pure returns (uint256, bool) {
        return (Words.double_(n), Words.joined("MINTER", "_ROLE") == MINTER);
    }

    function system(string memory user) public returns (uint256, uint256, int256, int256) {
        DagTransfer dag = DagTransfer(address(0x5002));
        uint256 saved = dag.userSave(user, 77);
        (, uint256 balance) = dag.userBalance(user);
        TableFactory tables = TableFactory(address(0x1001));
        int256 made = tables.createTable(user, "id", "item");
        return (saved, balance, made, tables.createTable(user, "id", "item"));
    }

    function refused(uint256 code) public returns (uint256) { return child.refuse(code); }
    function require_(bool yes) public pure { require(yes, "no is refused"); }
    function hashes(string memory text) public pure returns (bytes32) { return keccak256(bytes(text)); }

    function overloaded(uint256) public pure returns (uint256) { return 1; }
    function overloaded(uint8) public pure returns (uint256) { return 2; }
    function overloaded(string memory) public pure returns (uint256) { return 3; }
    function aFunctionWithANameThatTakesMoreThanOneBlockOfTheHashFunctionBecauseABlockHasOneHundredAndThirtySixBytesAndThisIsLongerThanThatByAFew(
        uint256 n
    ) public pure returns (uint256, bytes4) { return (n, msg.sig); }
}
