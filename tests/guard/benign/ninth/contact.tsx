import { FormEvent, useState } from 'react';
export default function Contact() {
  const [sent, setSent] = useState(false);
  async function submit(e: FormEvent<HTMLFormElement>) {
    e.preventDefault();
    const r = await fetch('https://formspree.io/f/abcd', { method: 'POST', body: new FormData(e.currentTarget), headers: { Accept: 'application/json' } });
    setSent(r.ok);
  }
  return sent ? <p>Thanks!</p> : <form onSubmit={submit}><input name="email" type="email" /><textarea name="message" /><button>Send</button></form>;
}
