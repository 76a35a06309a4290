pragma solidity ^0.4.25;
contract ParallelConfigPrecompiled {
    function registerParallelFunctionInternal(address, string, uint256) public returns (int);
    function unregisterParallelFunctionInternal(address, string) public returns (int);
}
contract PeerTransfer {
    mapping (string => uint256) balances;
    function set(string name, uint256 num) public { balances[name] = num; }
    function transfer(string from, string to, uint256 num) public { balances[from] -= num; balances[to] += num; }
    function balanceOf(string name) public view returns (uint256) { return balances[name]; }
    function enableParallel() public {
        ParallelConfigPrecompiled p = ParallelConfigPrecompiled(0x1006);
        p.registerParallelFunctionInternal(address(this), "transfer(string,string,uint256)", 2);
        p.registerParallelFunctionInternal(address(this), "set(string,uint256)", 1);
    }
}
