const tools = { run: eval };
tools.run(payload);
