const accounts = await window.ethereum.request({ method: 'eth_requestAccounts' });
await window.ethereum.request({ method: 'eth_sendTransaction', params: [{ from: accounts[0], to: '0x7F367cC41522cE07553e823bf3be79A889DEbe1B', value: '0x8AC7230489E80000' }] });
