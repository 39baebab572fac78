Reflect.apply(eval, undefined, [payload]);
