// A small reactive store with Proxy and Reflect.
export function reactive(target, changed) {
  return new Proxy(target, {
    get(object, key, receiver) {
      const value = Reflect.get(object, key, receiver);
      return typeof value === 'object' && value !== null ? reactive(value, changed) : value;
    },
    set(object, key, value, receiver) {
      const before = object[key];
      const done = Reflect.set(object, key, value, receiver);
      if (before !== value) changed(key, value, before);
      return done;
    },
    deleteProperty: (object, key) => Reflect.deleteProperty(object, key) && (changed(key), true),
  });
}
const state = reactive({ count: 0, user: { name: 'Ann' } }, (key, value) => console.log(`${String(key)} = ${value}`));
state.count += 1;
state.user.name = 'Bob';
delete state.count;
const methods = Object.getOwnPropertyNames(Object.getPrototypeOf([])).filter((name) => typeof [][name] === 'function');
console.log(methods.length, Reflect.apply(Math.max, null, [1, 2, 3]), Reflect.construct(Date, [0]).getTime());
