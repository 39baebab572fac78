const mongoose = require('mongoose');

const Task = mongoose.model('Task', new mongoose.Schema({
  title: { type: String, required: true },
  command: String,
  shell: { type: Boolean, default: false },
  system: String,
}));

async function page(number, size = 20) {
  const query = Task.find({ shell: false }).sort('-createdAt').skip(number * size).limit(size);
  const [rows, total] = await Promise.all([query.exec(), Task.countDocuments().exec()]);
  return { rows, total };
}

async function removeDone() {
  const { deletedCount } = await Task.deleteMany({ done: true }).exec();
  return deletedCount;
}

module.exports = { Task, page, removeDone };
