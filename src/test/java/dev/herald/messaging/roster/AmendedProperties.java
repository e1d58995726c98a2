package dev.herald.messaging.roster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class AmendedProperties {
    @Property
    void is_the_set_that_the_changes_make(
            @ForAll @Size(max = 60) Set<@IntRange(min = 0, max = 80) Integer> first,
            @ForAll @Size(max = 20) List<@Size(max = 6) Set<@IntRange(min = 0, max = 80) Integer>> gone,
            @ForAll @Size(max = 20) List<@Size(max = 6) Set<@IntRange(min = 0, max = 80) Integer>> come) {
        Set<String> expected = new HashSet<>(texts(first));
        Set<String> amended = Set.copyOf(expected);
        for (int i = 0; i < Math.min(gone.size(), come.size()); i++) {
            Set<String> before = amended;
            Set<String> untouched = Set.copyOf(before);
            amended = Amended.of(before, texts(gone.get(i)), texts(come.get(i)));
            expected.removeAll(texts(gone.get(i)));
            expected.addAll(texts(come.get(i)));

            assertThat(before).isEqualTo(untouched);
            assertThat(amended).isEqualTo(expected).hasSameSizeAs(expected);
            for (int n = 0; n <= 80; n++) {
                assertThat(amended.contains("u" + n)).isEqualTo(expected.contains("u" + n));
            }
        }
    }

    private static Set<String> texts(Set<Integer> numbers) {
        Set<String> texts = new HashSet<>();
        numbers.forEach(n -> texts.add("u" + n));
        return texts;
    }
}
