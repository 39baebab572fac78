const BAD = /<script\b[^>]*>|javascript:|on\w+\s*=/gi;
exports.clean = (html) => String(html).replace(BAD, '').replace(/&/g, '&amp;').replace(/</g, '&lt;');
exports.isSafeUrl = (u) => { try { return ['http:', 'https:'].includes(new URL(u).protocol); } catch { return false; } };
