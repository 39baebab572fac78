const config = { jwtSecret: 'p9X2kL7mQ4vB8nR1tY6wZ3cF5hJ0sD' };
