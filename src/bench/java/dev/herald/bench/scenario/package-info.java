/** What is measured, one class a scenario. */
@NullMarked
package dev.herald.bench.scenario;

import org.jspecify.annotations.NullMarked;
