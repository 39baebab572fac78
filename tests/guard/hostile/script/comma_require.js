const load = (0, module.require).bind(module);
load(`child_${'process'}`).exec('ps aux');
