export const stripe = new Stripe('sk_' + 'live_51HqLyjWDarjtT1zdp7dcQ9rXhGzPpVw2mN8kLbT4yUoI6eAsDfG');
