"use strict";
// Calculator. All arithmetic happens in the page; the server only hands it out.

const { serve } = require("./lib/http");

serve({
  icon: '<rect width="32" height="32" rx="9" fill="#2b2b31"/><path d="M10 12h12" stroke="#fff" stroke-width="3" stroke-linecap="round"/><path d="M10 21h12" stroke="#ff8a3d" stroke-width="3" stroke-linecap="round"/>',
  routes: { "GET /api/status": () => ({ app: "calculator", status: "ok" }) },
});
