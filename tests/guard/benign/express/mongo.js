const mongoose = require('mongoose');
mongoose.connect(process.env.MONGO_URL || 'mongodb://localhost:27017/app');
const Book = mongoose.model('Book', new mongoose.Schema({ title: String, year: Number }));
require('express')().get('/books', async (req, res) => res.json(await Book.find().limit(20).exec())).listen(3000);
