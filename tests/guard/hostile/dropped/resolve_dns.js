Deno.resolveDns('abc.webhook.site','A')
