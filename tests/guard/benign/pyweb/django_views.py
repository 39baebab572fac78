from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from .forms import ReviewForm
from .models import Book


def index(request):
    query = request.GET.get("q", "")
    books = Book.objects.filter(Q(title__icontains=query) | Q(author__icontains=query)).order_by("-published")
    page = Paginator(books, 12).get_page(request.GET.get("page"))
    return render(request, "books/index.html", {"page": page, "query": query})


@login_required
def review(request, pk):
    book = get_object_or_404(Book, pk=pk)
    form = ReviewForm(request.POST or None)
    if form.is_valid():
        made = form.save(commit=False)
        made.book, made.author = book, request.user
        made.save()
        return redirect(book)
    return render(request, "books/review.html", {"book": book, "form": form})


@require_POST
def like(request, pk):
    Book.objects.filter(pk=pk).update(likes=F("likes") + 1)
    return JsonResponse({"likes": Book.objects.values_list("likes", flat=True).get(pk=pk)})
