package dev.herald.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** The name that a typo was probably meant to be. */
final class Nearest {
    private static final int LETTERS_PER_TYPO = 3;

    private Nearest() {}

    /** Empty if no name is near enough to be worth a hint. */
    static Optional<String> to(String typo, Collection<String> names) {
        return names.stream()
                .min(Comparator.comparingInt((String name) -> distance(typo, name))
                        .thenComparing(name -> name))
                .filter(name -> distance(typo, name) <= 1 + name.length() / LETTERS_PER_TYPO);
    }

    /** Letters to insert, delete or replace to make one word the other (Levenshtein). */
    static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int column = 0; column < row.length; column++) {
            row[column] = column;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[other.length()];
    }
}
