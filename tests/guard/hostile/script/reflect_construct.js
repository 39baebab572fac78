export function formula(text) {
  return Reflect.construct(Function, ['x', `return (${text})`]);
}
console.log(formula(location.hash.slice(1))(3));
