package dev.herald.it;

import java.io.IOException;
import java.io.UncheckedIOException;

/** What a test sends to processes. */
public enum Signal {
    STOP,
    CONT,
    TERM;

    /** Answers when it has been sent. */
    public void to(ProcessHandle process) {
        try {
            new ProcessBuilder("kill", "-" + name(), Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
