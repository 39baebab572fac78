const encoded = 'aW1wb3J0IGZzIGZyb20gImZzIjs=';
await import(`data:text/javascript;base64,${encoded}`);
