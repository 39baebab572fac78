const token = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI0MjE3Iiwicm9sZSI6ImFkbWluIiwiaWF0IjoxNzAwMDAwMDAwfQ.q3Xk9ZrT5uVwYb2CdEfGh1JkLmNoPqRsTuVwXyZ0A1B';
fetch('/api/admin', { headers: { authorization: `Bearer ${token}` } });
