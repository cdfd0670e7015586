# -*- coding: latin-1 -*-
# Übung 6: Faltungen. Größe der Ausgabe = (H - h + 1) × (W - w + 1), das × ist hier Latin-1
import torch
from torch import nn

torch.manual_seed(0)
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)
torch.autograd.set_detect_anomaly(True)      # damit ich den Fehler finde

MELDUNG = "Höhe und Breite müssen zum Kern passen"


def corr2d(X, K):
    höhe, breite = K.shape
    if höhe > X.shape[0] or breite > X.shape[1]:
        raise ValueError(MELDUNG)
    zeilen = []
    for i in range(X.shape[0] - höhe + 1):
        streifen = X[i:i + höhe]
        zeile = [torch.inner(streifen[:, j:j + breite].flatten(), K.flatten())
                 for j in range(X.shape[1] - breite + 1)]
        zeilen.append(torch.hstack(zeile))
    return torch.vstack(zeilen)


class Conv2D(nn.Module):
    """Schicht mit Kern (»weight«) und Verschiebung (»bias«)."""

    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))
        self.register_buffer("größe", torch.tensor(list(kernel_size)))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    """Gradientenabstieg; gibt die Fehler als Tupel zurück."""
    fehler = ()
    for epoche in range(num_epochs):
        conv.zero_grad()
        f = ((conv(X) - Y) ** 2).sum()
        f.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        fehler += (f.item(),)
        print(f"Epoche {epoche}: {f.item():.4f} ±0")
    return fehler
