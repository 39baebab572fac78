const short = (a: string) => a.slice(0, 6) + '…' + a.slice(-4);
const isAddress = (s: string) => /^0x[0-9a-fA-F]{40}$/.test(s);
export function Wallet({ address }: { address: string }) {
  return isAddress(address) ? <button onClick={() => navigator.clipboard.writeText(address)}>{short(address)}</button> : <em>invalid</em>;
}
