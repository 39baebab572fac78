import { create } from 'zustand';
interface Cart { items: Record<string, number>; add(id: string): void; clear(): void }
export const useCart = create<Cart>()((set) => ({
  items: {},
  add: (id) => set((s) => ({ items: { ...s.items, [id]: (s.items[id] ?? 0) + 1 } })),
  clear: () => set({ items: {} }),
}));
