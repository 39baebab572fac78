eval.call(null, payload);
