import { lazy, Suspense } from 'react';
import { BrowserRouter, Route, Routes } from 'react-router-dom';
const pages = { home: lazy(() => import('./pages/Home.jsx')), about: lazy(() => import('./pages/About.jsx')) };
const page = (name) => lazy(() => import(`./pages/${name}.jsx`));
export default () => (
  <BrowserRouter><Suspense fallback="…"><Routes>
    <Route path="/" element={<pages.home />} /><Route path="/about" element={<pages.about />} />
  </Routes></Suspense></BrowserRouter>
);
