type Handler<T> = (payload: T) => void;
export class Bus<Events extends Record<string, unknown>> {
  private readonly handlers = new Map<keyof Events, Set<Handler<never>>>();
  on<K extends keyof Events>(name: K, handler: Handler<Events[K]>): () => void {
    const set = this.handlers.get(name) ?? new Set();
    set.add(handler as Handler<never>);
    this.handlers.set(name, set);
    return () => set.delete(handler as Handler<never>);
  }
  emit<K extends keyof Events>(name: K, payload: Events[K]): void {
    for (const handler of this.handlers.get(name) ?? []) (handler as Handler<Events[K]>)(payload);
  }
}
const bus = new Bus<{ login: { user: string }; logout: void }>();
const off = bus.on('login', ({ user }) => console.log('hi', user));
bus.emit('login', { user: 'ann' });
off();
