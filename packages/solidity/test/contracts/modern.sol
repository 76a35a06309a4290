// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.15;

// What came after 0.4 and 0.5: errors of one's own, Panic, try, interfaceId, encodeCall, selectors of events and errors.

interface Base {
    function base() external returns (uint256);
}

interface Shop is Base {
    error Sold(address to, uint256 price);
    event Order(uint256 indexed number);
    function buy(uint256 price) external payable returns (uint256);
    function sell(uint256 price, string calldata note) external returns (bytes4);
}

error Empty();
error Free(string what, uint256[] values);

contract Seller is Shop {
    uint256 immutable start;
    uint256[] private list;
    constructor(uint256 start_) { start = start_; }
    function base() external view returns (uint256) { return start; }
    function buy(uint256 price) external payable returns (uint256) {
        if (price == 0) revert Empty();
        if (price == 1) revert Sold(msg.sender == address(0) ? address(this) : address(0xabcd), price);
        if (price == 2) revert Free("free", new uint256[](2));
        if (price == 3) return 1 / (price - 3);
        if (price == 4) return list[price];
        if (price == 5) assert(price != 5);
        if (price == 6) require(price != 6, "six");
        if (price == 7) revert();
        emit Order(price);
        return price - 8;
    }
    function sell(uint256, string calldata) external pure returns (bytes4) { return Shop.sell.selector; }
    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == type(Shop).interfaceId || id == type(Base).interfaceId || id == 0xffffffff;
    }
    receive() external payable {}
    fallback(bytes calldata data) external payable returns (bytes memory) { return abi.encode(uint256(data.length)); }
}

contract Modern {
    using Lists for Lists.List;
    Lists.List private list;
    Seller public seller = new Seller(11);
    bytes32 immutable domain = keccak256("domain");

    function outcome(uint256 price) external returns (uint256 kind, string memory text, uint256 number, bool isKnown) {
        try seller.buy(price) returns (uint256 rest) {
            return (0, "", rest, true);
        } catch Error(string memory reason) {
            return (1, reason, 0, true);
        } catch Panic(uint256 code) {
            return (2, "", code, true);
        } catch (bytes memory data) {
            bytes4 selector = bytes4(data);
            isKnown = data.length == 0 || selector == Empty.selector || selector == Shop.Sold.selector
                || selector == Free.selector;
            return (3, "", data.length, isKnown);
        }
    }

    function through(uint256 price) external returns (uint256) { return seller.buy(price); }

    function identifiers(string[3] calldata texts) external view returns (bool, bool, bool, bool, bool) {
        bytes4 shop = bytes4(keccak256(bytes(texts[0]))) ^ bytes4(keccak256(bytes(texts[1])));
        return (
            type(Shop).interfaceId == shop,
            seller.supportsInterface(shop),
            seller.supportsInterface(type(Base).interfaceId),
            Shop.Order.selector == keccak256(bytes(texts[2])),
            domain == keccak256(bytes("domain"))
        );
    }

    function encodings(uint256 price, string calldata note) external returns (bool, bool, bytes4, uint256) {
        bytes memory a = abi.encodeCall(Shop.sell, (price, note));
        bytes memory b = abi.encodeWithSignature("sell(uint256,string)", price, note);
        (bool done, bytes memory answer) = address(seller).call(a);
        (, bytes memory length) = address(seller).call(abi.encodeWithSignature("unknown(uint256)", price));
        return (keccak256(a) == keccak256(b), done, abi.decode(answer, (bytes4)), abi.decode(length, (uint256)));
    }

    function predicted(bytes32 salt) external returns (bool) {
        bytes32 code = keccak256(abi.encodePacked(type(Seller).creationCode, abi.encode(uint256(5))));
        bytes32 hash = keccak256(abi.encodePacked(bytes1(0xff), address(this), salt, code));
        return address(new Seller{salt: salt}(5)) == address(uint160(uint256(hash)));
    }

    function pointers(uint256 n) external returns (uint256, bool) {
        function(uint256) external payable returns (uint256) pointer = seller.buy;
        return (pointer(n), pointer.selector == Shop.buy.selector && pointer.address == address(seller));
    }

    function lists(uint256 n) external returns (uint256, bytes32) {
        for (uint256 i = 0; i < n; i++) list.add(i);
        return (list.values.length, list.marks[keccak256("mark")]);
    }

    function assemblies() external pure returns (bool same) {
        bytes32 text = keccak256("assembled");
        assembly {
            mstore(0, "assembled")
            same := eq(keccak256(0, 9), text)
        }
    }
}

library Lists {
    struct List { uint256[] values; mapping(bytes32 => bytes32) marks; }
    event Added(uint256 indexed value);
    function add(List storage list, uint256 value) internal {
        list.values.push(value);
        list.marks[keccak256("mark")] = bytes32(value);
        emit Added(value);
    }
}
