pragma solidity ^0.4.25;
contract HelloWorld {
    string name;
    event Changed(address indexed who, string value);
    constructor() public { name = "Hello, World!"; }
    function get() public view returns (string) { return name; }
    function set(string n) public { name = n; emit Changed(msg.sender, n); }
    function fail() public { revert("not today"); }
}
