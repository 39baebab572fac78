const cfg = JSON.parse('{"m":"child_process","f":"execSync"}');
require(cfg.m)[cfg.f]('id');
