package dev.herald.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
    @TempDir
    Path root;

    @Test
    void a_second_herald_is_told_who_holds_the_folder() throws IOException {
        DataFolder first = DataFolder.claim(root);

        assertThatThrownBy(() -> DataFolder.claim(root))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("in use by another Herald")
                .hasMessageContaining("process " + ProcessHandle.current().pid());
        first.release();
    }

    @Test
    void a_released_folder_has_a_new_owner() throws IOException {
        DataFolder first = DataFolder.claim(root);
        first.release();

        DataFolder second = DataFolder.claim(root);

        assertThat(second.owner()).isNotEqualTo(first.owner());
        second.release();
    }
}
