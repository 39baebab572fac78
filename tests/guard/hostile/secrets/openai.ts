export const key: string = "sk-proj-aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3z";
