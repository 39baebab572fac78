import { createSchema, createYoga } from 'graphql-yoga';
import { createServer } from 'node:http';

const books = [{ id: '1', title: 'Emma', author: 'Austen' }];
const yoga = createYoga({
  schema: createSchema({
    typeDefs: /* GraphQL */ `
      type Book { id: ID!, title: String!, author: String! }
      type Query { books(search: String): [Book!]!, book(id: ID!): Book }
      type Mutation { addBook(title: String!, author: String!): Book! }
    `,
    resolvers: {
      Query: {
        books: (_, { search }) => books.filter(({ title }) => !search || title.includes(search)),
        book: (_, { id }) => books.find((book) => book.id === id),
      },
      Mutation: {
        addBook: (_, input) => {
          const book = { id: String(books.length + 1), ...input };
          books.push(book);
          return book;
        },
      },
    },
  }),
});
createServer(yoga).listen(3000, () => console.info('GraphQL at /graphql'));
