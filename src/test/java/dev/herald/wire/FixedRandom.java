package dev.herald.wire;

import java.util.random.RandomGenerator;

/** Gives one private key, bytes counting up, and the salt {@code abcdefghij012345}, as the golden vectors want them. */
public final class FixedRandom implements RandomGenerator {
    private static final int[] SALT = {36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 0, 1, 2, 3, 4, 5};

    private final int firstByte;
    private int next;

    public FixedRandom(int firstByte) {
        this.firstByte = firstByte;
    }

    @Override
    public void nextBytes(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (firstByte + i);
        }
    }

    @Override
    public int nextInt(int bound) {
        return SALT[next++ % SALT.length];
    }

    @Override
    public long nextLong() {
        throw new UnsupportedOperationException();
    }
}
