export abstract class Shape { abstract area(): number; toString() { return `${this.constructor.name} ${this.area()}`; } }
export class Circle extends Shape { constructor(private r: number) { super(); } area() { return Math.PI * this.r ** 2; } }
export const clone = <T extends object>(x: T): T => new (x.constructor as new () => T)();
