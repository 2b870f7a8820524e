/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
// C++ streams: lines from constructors and destructors of static objects,
// from std::thread, of several pieces, wide, and unbuffered through clog.
#include <iostream>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace
{
struct Static {
	Static()
	{
		std::cerr << "constructor tid=" << gettid() << '\n';
	}
	~Static()
	{
		std::cerr << "destructor tid=" << gettid() << std::endl;
	}
};

const Static object;

void work(int number)
{
	for (int i = 0; i < 200; i++) {
		std::string line = "thread " + std::to_string(number) +
				   " tid=" + std::to_string(gettid()) +
				   " line " + std::to_string(i) + "\n";
		std::cerr << line;
	}
}
} // namespace

int main()
{
	std::cerr << "pieces " << 1 << ' ' << 2.5 << " tid=" << gettid()
		  << std::endl;
	std::clog << "clog tid=" << gettid() << std::endl;
	std::vector<std::thread> threads;
	for (int i = 0; i < 4; i++)
		threads.emplace_back(work, i);
	for (auto &thread : threads)
		thread.join();
	try {
		throw std::string("thrown");
	} catch (const std::string &text) {
		std::cerr << "caught " << text << " tid=" << gettid() << '\n';
	}
	return 5;
}
