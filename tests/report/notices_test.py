"""Licences of the packages in a page of `fewbit report`: make test-report.
SPDX-License-Identifier: Apache-2.0
"""
import json
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class NoticesTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def package(self, name, licence_file=None, **description):
        folder = self.folder / 'node_modules' / name
        folder.mkdir(parents=True)
        (folder / 'package.json').write_text(json.dumps({'name': name, **description}))
        if licence_file:
            (folder / licence_file).write_text(f'terms of {name}\n')

    def run_notices(self):
        return subprocess.run(['node', str(ROOT / 'flows/report/notices.js'), str(self.folder)],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)

    def test_files_of_any_case_packages_of_scopes_and_inside_of_packages(self):
        self.package('upper', 'LICENSE.md')
        self.package('lower', 'license')
        self.package('@scope/british', 'Licence.txt')
        self.package('upper/node_modules/inner', 'LICENSE')
        self.package('silent', version='1.2.3', license='ISC')
        run = self.run_notices()
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(run.stdout.split('==== ')[1:], [
            '@scope/british\nterms of @scope/british\n\n', 'lower\nterms of lower\n\n',
            'silent\nsilent 1.2.3: licence ISC\n\n', 'upper\nterms of upper\n\n',
            'upper/node_modules/inner\nterms of upper/node_modules/inner\n\n'])

    def test_a_package_without_a_licence_is_an_error(self):
        self.package('upper', 'LICENSE')
        self.package('secret', version='1.0.0')
        run = self.run_notices()
        self.assertNotEqual(run.returncode, 0)
        self.assertIn('secret: neither a licence file nor', run.stderr)

    def test_no_package_is_an_error(self):
        self.assertNotEqual(self.run_notices().returncode, 0)


if __name__ == '__main__':
    unittest.main()
